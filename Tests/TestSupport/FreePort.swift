import Foundation
import Synchronization

/// A port of the loopback interface that nobody listens on now, and that no other test of this process is given.
///
/// The kernel would choose from those that it also gives to outgoing connections and to whoever asks for any, before
/// the server of this test takes it: a test has then talked to another's. These are below, each is given once, and
/// processes begin at different ones.
public func freePort() throws -> Int {
    for _ in ports {
        let number = given.wrappingAdd(1, ordering: .relaxed).oldValue
        let port = ports.lowerBound + (Int(getpid()) * 7919 + number) % ports.count
        if try isFree(port) { return port }
    }
    throw POSIXError(.EADDRINUSE)
}

private let ports = 12_000..<32_000
private let given = Atomic(0)

private func isFree(_ port: Int) throws -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    address.sin_port = UInt16(port).bigEndian
    let isBound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    guard !isBound, errno != EADDRINUSE else { return isBound }
    throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EADDRNOTAVAIL)
}
