/// Where Redis is and how to talk to it.
public struct RedisConfiguration: Sendable, Equatable {
    public enum Endpoint: Sendable, Hashable, CustomStringConvertible {
        case tcp(host: String, port: Int)
        case unixSocket(path: String)

        public var description: String {
            switch self {
            case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unixSocket(let path): path
            }
        }
    }

    public var endpoint: Endpoint
    /// The user of Redis's access control; nil is the default user.
    public var username: String?
    public var password: String?
    public var database: Int
    /// What CLIENT LIST shows, without spaces.
    public var clientName: String?

    /// How long connecting may take, with AUTH, SELECT and CLIENT SETNAME.
    public var connectTimeout: Duration = .seconds(2)
    /// How long the answer to a command may take. A blocking command has its blocking time and ``blockingGrace``.
    public var commandTimeout: Duration = .seconds(5)
    /// How much later than its blocking time a blocking command's answer may come.
    public var blockingGrace: Duration = .seconds(2)

    public init(
        endpoint: Endpoint = .tcp(host: "127.0.0.1", port: 6379), username: String? = nil, password: String? = nil,
        database: Int = 0, clientName: String? = nil
    ) {
        self.endpoint = endpoint
        self.username = username
        self.password = password
        self.database = database
        self.clientName = clientName
    }
}

extension RedisConfiguration {
    /// What is sent first on every connection. The PING is answered last, and only by a server that is ready: not by
    /// one that still loads its file, is full, or sits behind a proxy that has lost it.
    var handshake: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password {
            var auth = RedisCommand("AUTH")
            if let username { auth.append(username) }
            auth.append(password)
            commands.append(auth)
        }
        if database != 0 {
            commands.append(RedisCommand("SELECT", String(database)))
        }
        if let clientName {
            commands.append(RedisCommand("CLIENT", "SETNAME", clientName))
        }
        commands.append(RedisCommand("PING"))
        return commands
    }
}

extension RedisConfiguration {
    /// The same server under another name in CLIENT LIST.
    public func named(_ name: String) -> RedisConfiguration {
        var configuration = self
        configuration.clientName = name
        return configuration
    }
}
