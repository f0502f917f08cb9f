import TestSupport
import Testing

@testable import Delivery

@Suite struct EndpointCacheTests {
    private typealias Place = EndpointCache<Int>.Place
    private let start = ContinuousClock.now

    private func place(_ number: Int) -> Place { Place(host: "\(number).test", address: .v4(UInt32(number))) }

    @Test func anAnswerCountsForHalfAMinute() {
        var cache = EndpointCache<Int>()
        _ = cache.keep([.v4(1)], of: "a.test", now: start)
        #expect(cache.addresses(of: "a.test", now: start + .milliseconds(29_999)) == [.v4(1)])
        #expect(cache.addresses(of: "a.test", now: start + .seconds(30)) == nil)
        #expect(cache.addresses(of: "A.test", now: start) == nil)
    }

    @Test func aHostStaysWhereItWasWhileItCan() {
        var cache = EndpointCache<Int>()
        #expect(cache.keep([.v4(1), .v4(2)], of: "a.test", now: start) == [.v4(1), .v4(2)])
        let later = start + .seconds(100)
        #expect(cache.keep([.v4(3), .v4(2), .v4(1)], of: "a.test", now: later) == [.v4(1), .v4(2), .v4(3)])
        #expect(cache.keep([.v4(3), .v4(2)], of: "a.test", now: later) == [.v4(3), .v4(2)])
    }

    @Test func anAddressIsKeptOnceAndAsWhatItStandsFor() {
        var cache = EndpointCache<Int>()
        let found: [IPAddress] = [.v4(1), .v4(1), .v6(0xFFFF_0000_0001), .v6(2), .v6(2), .v6(0xFFFF_0000_0003)]
        #expect(cache.keep(found, of: "a.test", now: start) == [.v4(1), .v6(2), .v4(3)])
    }

    @Test func anAddressThatNobodyAnswersAtComesLast() {
        var cache = EndpointCache<Int>()
        _ = cache.keep([.v4(1), .v4(1), .v4(2), .v4(3)], of: "a.test", now: start)
        cache.demote(Place(host: "a.test", address: .v4(1)))
        cache.demote(Place(host: "a.test", address: .v4(9)))
        cache.demote(Place(host: "b.test", address: .v4(1)))
        #expect(cache.addresses(of: "a.test", now: start) == [.v4(2), .v4(3), .v4(1)])
    }

    @Test func answersAreBounded() {
        var cache = EndpointCache<Int>(capacity: 10)
        for number in 0..<10 { _ = cache.keep([.v4(1)], of: "\(number).test", now: start + .seconds(number)) }
        // What has run out goes first.
        _ = cache.keep([.v4(1)], of: "10.test", now: start + .seconds(30))
        #expect(cache.addresses(of: "1.test", now: start + .seconds(30)) == [.v4(1)])
        for number in 11..<100 {
            _ = cache.keep([.v4(1)], of: "\(number).test", now: start + .seconds(30))
            let kept = (0...number).count { cache.addresses(of: "\($0).test", now: start) != nil }
            #expect(kept <= 10 && cache.addresses(of: "\(number).test", now: start) != nil)
        }
    }

    @Test func aClientWithoutWorkForAMinuteGoes() {
        var cache = EndpointCache<Int>()
        #expect(cache.take(place(1), now: start) { 1 } == (1, []))
        #expect(cache.take(place(2), now: start) { 2 } == (2, []))
        cache.giveBack(place(1), now: start + .seconds(10))
        #expect(cache.take(place(3), now: start + .seconds(69)) { 3 } == (3, []))
        #expect(cache.take(place(4), now: start + .seconds(70)) { 4 } == (4, [1]))
        #expect(cache.take(place(2), now: start + .seconds(500)) { 0 } == (2, []))
        #expect(Set(cache.removeAll()) == [2, 3, 4])
    }

    @Test func theOneThatWasUsedLongestAgoMakesRoom() {
        var cache = EndpointCache<Int>(capacity: 3)
        for number in 1...3 { _ = cache.take(place(number), now: start) { number } }
        cache.giveBack(place(3), now: start + .seconds(1))
        cache.giveBack(place(2), now: start + .seconds(2))
        #expect(cache.take(place(4), now: start + .seconds(3)) { 4 } == (4, [3]))
        #expect(cache.take(place(5), now: start + .seconds(3)) { 5 } == (5, [2]))
        // All are in use: there is one more, rather than one that is closed under a request.
        #expect(cache.take(place(6), now: start + .seconds(3)) { 6 } == (6, []))
    }

    /// Whatever happens, a client in use is not retired, none is retired twice, and none is lost.
    @Test(arguments: 0..<20) func everyClientEndsOnce(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        var cache = EndpointCache<Int>(capacity: 5)
        var now = start
        var made = 0
        var lent: [(place: Place, client: Int)] = []
        var retired: [Int] = []
        for _ in 0..<500 {
            now += .seconds(Int.random(in: 0...30, using: &random))
            if let index = lent.indices.randomElement(using: &random), lent.count > 4 || Bool.random(using: &random) {
                cache.giveBack(lent.remove(at: index).place, now: now)
            } else {
                let place = place(Int.random(in: 0..<12, using: &random))
                let (client, gone) = cache.take(place, now: now) {
                    made += 1
                    return made
                }
                #expect(lent.allSatisfy { ($0.place == place) == ($0.client == client) })
                lent.append((place, client))
                retired += gone
                #expect(!lent.contains { retired.contains($0.client) })
                #expect(made - retired.count <= 6)
            }
        }
        retired += cache.removeAll()
        #expect(retired.sorted() == Array(1...made))
    }
}
