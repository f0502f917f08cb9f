public struct Migration: Sendable {
    public let number: Int, name: String, sql: String
    public init(number: Int, name: String, sql: String) { (self.number, self.name, self.sql) = (number, name, sql) }
}
