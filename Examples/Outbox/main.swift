import Foundation
import Logging
import Postgres

// A shop takes an order. The customer is to get a message, if and only if the order is placed: both are rows of one
// transaction. Workers that are given this database as OUTBOX_DATABASE_URL send what was committed.
//
// The table posthaste_outbox is made once: posthaste outbox sql | psql <database>

let address = ProcessInfo.processInfo.environment["SHOP_DATABASE_URL"] ?? "postgres://shop@127.0.0.1/shop"
let database = PostgresClient(
    try PostgresConfiguration(url: address), connections: 1, logger: Logger(label: "shop"))

struct OutOfStock: Error {}

/// Places an order, and says thank you.
func order(_ item: String, for customer: String, isInStock: Bool) async throws {
    try await database.transaction { session in
        let orders = try session.query(
            "INSERT INTO orders (item, customer) VALUES ($1, $2) RETURNING id", [.text(item), .text(customer)])
        try session.query(
            """
            INSERT INTO posthaste_outbox (message) VALUES (jsonb_build_object(
                'type', 'sms', 'from', '+15551234567', 'to', $1, 'body', 'Thank you for order ' || $2::bigint || '.'))
            """, [.text(customer), .int(try orders[0].int("id"))])
        // Too late? No: nobody has been told anything yet.
        guard isInStock else { throw OutOfStock() }
    }
}

try await database.perform { session in
    try session.script(
        """
        CREATE TABLE IF NOT EXISTS orders (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text NOT NULL, customer text NOT NULL)
        """)
}
try await order("a book", for: "+15559876543", isInStock: true)
do {
    try await order("a rare book", for: "+15559876543", isInStock: false)
} catch is OutOfStock {
    print("No rare book, and no message.")
}
print("One order is placed, and its message will be sent.")
