import JobRuntime
import Synchronization
import Testing

@testable import Operations

@Suite struct MetricsPageTests {
    private final class Gathered: Sendable {
        private let count = Atomic(0)
        var times: Int { count.load(ordering: .relaxed) }
        func again() -> Int { count.add(1, ordering: .relaxed).newValue }
    }

    @Test func aQueueIsShownAsPrometheusWantsIt() {
        var page = GaugePage(version: "1.2.3")
        page.show(
            QueueStatus(
                queue: "q", isTracked: true, isPaused: true,
                lanes: [LaneDepth(.high, depth: 1, pending: 2), LaneDepth(.normal, depth: 3, pending: 4)], retrying: 5,
                scheduled: 6, dead: 7, oldestWaiting: 1500, workers: 8, slots: 9))
        page.show(EventBacklog(length: 10, pending: 1, oldest: nil, last: nil, at: Moment(0)))
        let lines = page.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            lines == [
                #"posthaste_info{version="1.2.3"} 1"#, #"queue_depth{queue="q"} 4"#, #"queue_pending{queue="q"} 6"#,
                #"queue_oldest_age_seconds{queue="q"} 1.5"#, #"queue_delayed{queue="q",set="retry"} 5"#,
                #"queue_delayed{queue="q",set="scheduled"} 6"#, #"queue_dead{queue="q"} 7"#,
                #"queue_paused{queue="q"} 1"#, #"queue_workers{queue="q"} 8"#, #"queue_slots{queue="q"} 9"#,
                "ledger_backlog_events 10", "ledger_lag_seconds 0",
            ])
        for name in Set(lines.map { $0.prefix { $0 != "{" && $0 != " " } }) {
            #expect(page.text.contains("# HELP \(name) "))
            #expect(page.text.contains("# TYPE \(name) gauge\n"))
        }
    }

    @Test func manyWhoAskAtOnceAreGivenWhatWasGatheredOnce() async {
        let gathered = Gathered()
        let state = SharedState(within: .seconds(60), for: .seconds(60)) {
            GaugePage(version: "found \(gathered.again())")
        } otherwise: {
            GaugePage(version: "otherwise")
        }
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { #expect(await state.text().contains("found")) } }
        }
        #expect(gathered.times == 1)
    }

    @Test func whatTakesTooLongIsGivenUp() async {
        let state = SharedState(within: .milliseconds(20), for: .zero) {
            // It is cancelled.
            try? await Task.sleep(for: .seconds(3600))  // allowed: stands for a server that does not answer
            return nil
        } otherwise: {
            GaugePage(version: "otherwise")
        }
        #expect(await state.text().contains("otherwise"))
    }

    @Test func whatWasGatheredIsForgotten() async {
        let gathered = Gathered()
        let state = SharedState(within: .seconds(60), for: .zero) {
            GaugePage(version: "\(gathered.again())")
        } otherwise: {
            GaugePage(version: "otherwise")
        }
        #expect(await state.text().contains(#"version="1""#))
        #expect(await state.text().contains(#"version="2""#))
    }
}
