import Messaging
import Testing

@Suite struct OptOutKeywordTests {
    @Test(arguments: ["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"])
    func wordsThatStop(word: String) {
        for written in [
            word, word.lowercased(), word.capitalized, " \r\n\(word)\t", "\(word).", "\(word) !!", "\(word)?",
        ] {
            #expect(OptOutKeyword(message: written) == .stop, "\(written)")
        }
    }

    @Test func theOtherWords() {
        #expect(["start", "Unstop."].allSatisfy { OptOutKeyword(message: $0) == .start })
        #expect(["HELP", "info?"].allSatisfy { OptOutKeyword(message: $0) == .help })
    }

    @Test(arguments: [
        "", " ", "...", "STOP it", "please stop", "stop\nstop", "don't stop", "stopp", "sto", "“STOP”", ".STOP", "ＳＴＯＰ",
        "st.op", "YES", "stop\u{0}", "endﬁ", String(repeating: "stop", count: 10_000),
    ])
    func anythingElseIsAMessage(text: String) {
        #expect(OptOutKeyword(message: text) == nil)
    }
}

extension String {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
