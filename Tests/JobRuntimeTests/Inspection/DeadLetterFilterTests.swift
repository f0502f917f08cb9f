import NIOCore
import Testing

@testable import JobRuntime

@Suite struct DeadLetterFilterTests {
    private static let job = JobID()

    private let letter = DeadLetter(
        id: DeadLetter.ID(EntryID(milliseconds: 1000, sequence: 0)), job: Self.job, kind: "sms", attempt: 12,
        enqueuedAt: 10, payload: ByteBuffer(string: "{}"), meta: JobMeta(), reason: .exhausted,
        error: "Twilio 20503: failed", diedAt: 1000)

    @Test func withoutACriterionEveryLetterIsMeant() {
        #expect(DeadLetterFilter().matches(letter))
    }

    @Test(arguments: [
        DeadLetterFilter(reason: .exhausted), DeadLetterFilter(kind: "sms"), DeadLetterFilter(error: "twilio"),
        DeadLetterFilter(error: "FAILED"), DeadLetterFilter(diedBefore: 1001), DeadLetterFilter(diedAfter: 999),
        DeadLetterFilter(jobs: [Self.job, JobID()]),
        DeadLetterFilter(
            reason: .exhausted, kind: "sms", error: "20503", diedBefore: 1001, diedAfter: 999, jobs: [Self.job]),
    ])
    func whatIsTrueOfItMatches(filter: DeadLetterFilter) {
        #expect(filter.matches(letter))
    }

    @Test(arguments: [
        DeadLetterFilter(reason: .permanent), DeadLetterFilter(kind: "mms"), DeadLetterFilter(error: "sendgrid"),
        DeadLetterFilter(diedBefore: 1000), DeadLetterFilter(diedAfter: 1000), DeadLetterFilter(jobs: []),
        DeadLetterFilter(jobs: [JobID()]),
    ])
    func oneThingThatIsNotTrueOfItIsEnough(filter: DeadLetterFilter) {
        #expect(!filter.matches(letter))
        var other = filter
        other.kind = other.kind ?? "sms"
        #expect(!other.matches(letter), "whatever else is true")
    }

    @Test func aLetterThatIsNoJobIsNoneOfTheJobsMeant() {
        var letter = letter
        letter.job = nil
        #expect(!DeadLetterFilter(jobs: [Self.job]).matches(letter))
        #expect(DeadLetterFilter(kind: "sms").matches(letter))
        #expect(!letter.isRedrivable)
    }
}
