import ArgumentParser
import JobRuntime
import Operations
import Redis
import Synchronization
import UnixSignals

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch queues, workers and throughput in the terminal.",
        discussion: """
            Looks again every second; q or Ctrl-C ends it. The columns are those of `queues` and `workers`. Where there \
            is no terminal it prints what there is, once.

            \(Operator.exitCodes(nil))
            """)

    @Flag(help: "Print what there is, once.") var once = false
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("top") { me in
            let first = try await me.look()
            // Before the terminal is changed: from then on nothing may end this without changing it back.
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            guard !once, !answer.json, let screen = Screen() else {
                let lines = TopFrame(first, of: me.server, Throughput())
                    .lines(Terminal.palette, width: Terminal.size?.width)
                return try Operator.show(json: answer.json, first, text: lines.joined(separator: "\n"))
            }
            await me.watch(first, on: screen, until: signals)
        }
    }
}

extension Operator {
    fileprivate var server: String { "\(redis.configuration.endpoint)" }

    fileprivate func look() async throws(StoreError) -> TopSample {
        let queues = try await inspector.queues(first: Self.messageQueues)
        return TopSample(at: try await inspector.now(), queues: queues, workers: try await inspector.workers())
    }

    /// Looks and draws until somebody ends it.
    fileprivate func watch(
        _ first: TopSample, on screen: borrowing Screen, until signals: UnixSignalsSequence
    ) async {
        let state = TopState(TopFrame(first, of: server, Throughput()))
        await withTaskGroup { group in
            group.addTask {
                await self.follow(from: first) { frame in state.frame.withLock { $0 = frame } }
            }
            group.addTask {
                for await _ in signals { return state.isOver.store(true, ordering: .relaxed) }
            }
            repeat {
                let size = Terminal.size
                let frame = state.frame.withLock { $0 }
                screen.show(frame.lines(Terminal.palette, width: size?.width, height: size?.height))
                try? await Task.sleep(for: .milliseconds(100))
            } while !screen.isToQuit() && !state.isOver.load(ordering: .relaxed)
            group.cancelAll()
        }
    }

    /// Looks every second, whatever becomes of Redis.
    private func follow(from first: TopSample, _ show: (TopFrame) -> Void) async {
        var (sample, throughput) = (first, Throughput())
        throughput.update(first.workers)
        while !Task.isCancelled {
            var trouble: String?
            do {
                sample = try await look()
                throughput.update(sample.workers)
            } catch {
                trouble = "This is not of now: \(error)"
            }
            show(TopFrame(sample, of: server, throughput, trouble: trouble))
            try? await Task.sleep(for: .seconds(1))
        }
    }
}

/// What is to be drawn, and whether anything is.
private final class TopState: Sendable {
    let frame: Mutex<TopFrame>
    let isOver = Atomic(false)

    init(_ frame: TopFrame) { self.frame = Mutex(frame) }
}
