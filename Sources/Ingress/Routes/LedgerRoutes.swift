import HTTPTypes
import Hummingbird
import JobRuntime
import Ledger
import Logging
import Messaging

/// The lists: `/api/v1/messages`, `/api/v1/messages/counts` and `/api/v1/conversations`. All come from the ledger.
struct LedgerRoutes: Sendable {
    /// nil: none is kept.
    let log: (any MessageLog)?
    let settings: IngressSettings
    let logger: Logger

    func add(to routes: Routes) {
        routes.on(.get, MessagePath.list, for: .read) { request, context in
            let (filter, cursor, limit) = try ListQuery.messages(request, for: context.caller)
            let page = try await ask { try await $0.messages(filter, after: cursor, limit: limit) }
            return Self.answer(page, "messages", request) { LedgerView.write($0, to: &$1) }
        }
        routes.on(.get, MessagePath.counts, for: .read) { request, context in
            try await counts(request, context.caller)
        }
        routes.on(.get, MessagePath.conversations, for: .read) { request, context in
            let (filter, cursor, limit) = try ListQuery.conversations(request, for: context.caller)
            let page = try await ask { try await $0.conversations(filter, after: cursor, limit: limit) }
            return Self.answer(page, "conversations", request) { LedgerView.write($0, to: &$1) }
        }
        routes.on(.get, MessagePath.conversation, for: .read) { _, context in
            let conversation = try await conversation(context)
            var writer = JSONWriter()
            LedgerView.write(conversation, to: &writer)
            return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
        }
        routes.on(.get, MessagePath.conversation + "/messages", for: .read) { request, context in
            let conversation = try await conversation(context)
            let (filter, cursor, limit) = try ListQuery.messages(
                request, for: context.caller, of: conversation.id)
            let page = try await ask { try await $0.messages(filter, after: cursor, limit: limit) }
            return Self.answer(page, "messages", request) { LedgerView.write($0, to: &$1) }
        }
    }

    private func conversation(_ context: IngressContext) async throws(Problem) -> LedgerConversation {
        guard let id = context.parameters["id"].flatMap({ ConversationID(String($0)) }) else {
            throw .noConversation
        }
        guard let conversation = try await ask({ try await $0.conversation(id) }),
            context.caller.sees(conversation.tenant)
        else { throw .noConversation }
        return conversation
    }

    /// Without a time, those of the last day: counting reads an entry of an index for each message.
    private func counts(_ request: Request, _ caller: Caller) async throws(Problem) -> Response {
        var query = ListQuery(
            request, names: ListQuery.tenancy(caller).union(["type", "since", "until"]), isPaged: false)
        let tenant = query.tenant(caller)
        let channel = query.value("type", "must be a type of message") { Channel(rawValue: $0) }
        let until = query.moment("until")
        let since = query.moment("since") ?? (until ?? .unixMilliseconds) - 86_400_000
        try query.check()
        let counts = try await ask { try await $0.counts(tenant: tenant, channel: channel, since: since, until: until) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("since", time: since)
        writer.key("until")
        if let until { writer.time(until) } else { writer.null() }
        writer.key("counts")
        writer.beginObject()
        for status in LedgerStatus.allCases {
            writer.key(text: status.rawValue)
            writer.integer(counts[status] ?? 0)
        }
        writer.endObject()
        writer.endObject()
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    private func ask<Value>(_ body: (any MessageLog) async throws -> Value) async throws(Problem) -> Value {
        guard let log else { throw .noLedger }
        do {
            return try await body(log)
        } catch {
            logger.warning("ledger not readable", metadata: ["reason": "\(error)"])
            throw .ledgerUnavailable(retryAfter: settings.retryAfterSeconds)
        }
    }

    private static func answer<Element>(
        _ page: LedgerPage<Element>, _ name: StaticString, _ request: Request,
        _ write: (Element, inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter(capacity: 512 * (page.elements.count + 1))
        writer.beginObject()
        writer.key(name)
        writer.beginArray()
        for element in page.elements { write(element, &writer) }
        writer.endArray()
        writer.key("next")
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let next = page.next {
            writer.string(next.description)
            // The same list, with the new place.
            let rest = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
            let query = (rest.map(String.init) + ["cursor=\(next)"]).joined(separator: "&")
            headers[.link] = "<\(request.uri.path)?\(query)>; rel=\"next\""
        } else {
            writer.null()
        }
        writer.endObject()
        return Response(status: .ok, json: writer, headers: headers)
    }
}
