import Testing

@testable import Delivery

@Suite struct SMTPSettingsTests {
    @Test(arguments: [
        ("smtp://mail.example.com", "smtp://mail.example.com:587", SMTPSettings.Encryption.required),
        ("SMTP://mail.example.com:25/", "smtp://mail.example.com:25", .required),
        ("smtps://mail.example.com", "smtps://mail.example.com:465", .implicit),
        ("smtps://u:p@[2001:db8::1]:4650", "smtps://[2001:db8::1]:4650", .implicit),
        ("smtp://u:p@mail.example.com?tls=required", "smtp://mail.example.com:587", .required),
        ("smtp://mail.example.com?tls=optional", "smtp://mail.example.com:587", .optional),
        ("smtp://mail.example.com?tls=none", "smtp://mail.example.com:587", .none),
        ("smtp://u:p@localhost:2525", "smtp://localhost:2525", .none),
        ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525", .none),
        ("smtp://[::1]", "smtp://[::1]:587", .none),
        ("smtp://localhost?tls=required&verify=off", "smtp://localhost:587", .required),
        ("smtp://127.example.com", "smtp://127.example.com:587", .required),
        ("smtp://127.0.0.1.example.com", "smtp://127.0.0.1.example.com:587", .required),
    ])
    func anAddressSaysHowToSpeak(url: String, address: String, encryption: SMTPSettings.Encryption) throws {
        let settings = try SMTPSettings(url: Secret(url))
        #expect(settings.address == address)
        #expect(settings.encryption == encryption)
    }

    @Test func credentialsAreDecodedAndCertificatesVerified() throws {
        let settings = try SMTPSettings(url: Secret("smtps://\(MailServer.credentials)@mail.example.com"))
        #expect(settings.user?.revealed == "ann@example.com")
        #expect(settings.password?.revealed == "p@ss:/?%wörd")
        #expect(settings.verifiesCertificates && settings.authorities == nil)
        let bare = try SMTPSettings(url: "smtps://u:p@w@mail.example.com")
        #expect(bare.user?.revealed == "u" && bare.password?.revealed == "p@w")
        let none = try SMTPSettings(url: "smtp://localhost?verify=off")
        #expect(none.user == nil && none.password == nil && !none.verifiesCertificates)
    }

    @Test(arguments: [
        "", "mail.example.com", "http://s3cret.example.com", "smtp://", "smtp://:25", "smtp://s3cret:p@", "smtp://[::1",
        "smtp://s3cret@mail.example.com", "smtp://:s3cret@mail.example.com", "smtp://s3cret:@mail.example.com",
        "smtp://u:s3cret%0D%0A@mail.example.com", "smtp://u:s3cret%00@mail.example.com",
        "smtp://u:s3cret%zz@mail.example.com", "smtp://u:s3cret%ff@mail.example.com",
        "smtp://u:s3cret @mail.example.com",
        "smtp://s3cret\u{E9}.example.com", "smtp://s3cret.example.com:0", "smtp://s3cret.example.com:65536",
        "smtp://s3cret.example.com:x", "smtp://s3cret.example.com/path", "smtp://s3cret.example.com#x",
        "smtp://s3cret\\.example.com", "smtp://[s3cret]", "smtp://[::1]s3cret",
        "smtp://mail.example.com?s3cret", "smtp://mail.example.com?s3cret=1", "smtp://mail.example.com?tls=s3cret",
        "smtp://mail.example.com?tls=implicit", "smtps://mail.example.com?tls=required",
        "smtp://mail.example.com?tls=none&tls=required", "smtps://mail.example.com?verify=off",
        "smtp://localhost?verify=on", "smtp://127.0.0.1.example.com?verify=off&tls=none",
        "smtp://u:s3cret@mail.example.com?tls=none", "smtp://u:s3cret@mail.example.com?tls=optional",
        "smtps://mail.example.com?ca=/s3cret/is/not/there",
    ])
    func whatIsAmissIsToldWithoutTheAddress(url: String) {
        let error = #expect(throws: SettingsError.self) { try SMTPSettings(url: Secret(url)) }
        #expect(error?.setting == "url")
        #expect(error.map { !"\($0)".contains("s3cret") } == true)
    }

    @Test func connectionsAreCounted() {
        for connections in [0, -1, 1001] {
            #expect(throws: SettingsError.self) {
                try SMTPSettings(url: "smtp://localhost", connections: connections)
            }
        }
    }

    @Test func nothingShowsThePassword() throws {
        let settings = try SMTPSettings(url: "smtps://ann:s3cret@mail.example.com")
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] {
            #expect(!text.contains("s3cret") && !text.contains("ann"))
            #expect(text.contains("<redacted>"))
        }
    }
}
