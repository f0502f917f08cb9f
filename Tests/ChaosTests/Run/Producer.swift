import JobRuntime

@testable import chaos_worker

/// Enqueues the jobs of a run, evenly over its time: alone and many in a call, some twice; and cancels some.
struct Producer: Sendable {
    let client: JobClient
    let jobs: [JobPlan]
    let settings: ChaosSettings
    let admissions: Admissions

    private static let tasks = 4

    func run(from start: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<Self.tasks { group.addTask { try await produce(task, from: start) } }
            try await group.waitForAll()
        }
    }

    private func produce(_ task: Int, from start: ContinuousClock.Instant) async throws {
        var random = SplitMix64(seed: settings.seed, stream: 5 << 40 + UInt64(task))
        var rest = jobs.filter { $0.number % Self.tasks == task }[...]
        try await withThrowingTaskGroup(of: Void.self) { later in
            while let first = rest.first {
                let due = settings.duration * 0.97 * (Double(first.number) / Double(jobs.count))
                try await Task.sleep(until: start + due)  // allowed: the plan of the run
                let isBatch = random.happens(300)
                let batch = Array(rest.prefix(random.int(isBatch ? 2...40 : 1...6)))
                rest = rest.dropFirst(batch.count)
                await offer(batch, together: isBatch)
                for plan in batch { later.addTask { try await followUp(plan) } }
            }
            try await later.waitForAll()
        }
    }

    private func offer(_ batch: [JobPlan], together: Bool) async {
        if together {
            for (plan, result) in zip(batch, await client.enqueue(batch.map(\.newJob))) {
                admissions.note(result, of: plan)
            }
        } else {
            await withTaskGroup { calls in
                for plan in batch { calls.addTask { await offer(plan) } }
            }
        }
    }

    private func offer(_ plan: JobPlan) async {
        do throws(EnqueueError) {
            admissions.note(.success(try await client.enqueue(plan.newJob)), of: plan)
        } catch {
            admissions.note(.failure(error), of: plan)
        }
    }

    /// What is to be done about a job after it was offered.
    private func followUp(_ plan: JobPlan) async throws {
        while plan.isOfferedAgain, admissions[plan.number] == .refused {
            try await Task.sleep(for: .milliseconds(50))  // allowed: the pause between two offers
            await offer(plan)
        }
        guard let admission = admissions[plan.number], admission != .refused else { return }
        if let milliseconds = plan.cancellation {
            try await Task.sleep(for: .milliseconds(milliseconds))  // allowed: the plan of the run
            await cancel(plan)
        }
        if plan.isRepeated { await offer(plan) }
    }

    private func cancel(_ plan: JobPlan) async {
        do throws(StoreError) {
            admissions.note(.answered(try await client.cancel(plan.id)), ofCancelling: plan)
        } catch {
            if error.mayHaveRun { admissions.note(.uncertain, ofCancelling: plan) }
        }
    }
}
