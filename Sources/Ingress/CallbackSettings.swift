public import Delivery

/// What the callbacks of providers are verified with. Those of a provider that has nothing here are not taken.
public struct CallbackSettings: Sendable {
    /// Where the ingress can be reached from outside (`PUBLIC_URL`): part of what Twilio signs.
    public var publicURL: String?
    public var twilio: TwilioSignature?
    public var sendGrid: SendGridSignature?
    public var vonage: VonageSignature?

    public init(
        publicURL: String? = nil, twilio: TwilioSignature? = nil, sendGrid: SendGridSignature? = nil,
        vonage: VonageSignature? = nil
    ) {
        self.publicURL = publicURL
        self.twilio = twilio
        self.sendGrid = sendGrid
        self.vonage = vonage
    }
}
