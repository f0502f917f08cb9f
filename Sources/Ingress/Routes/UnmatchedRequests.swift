import HTTPTypes
import Hummingbird

/// Answers what no route takes: 405 with the methods of the path if there is one, else 404, both as problems.
///
/// Hummingbird's router knows no 405: a path under another method is to it a path that is not there.
struct UnmatchedRequests: RouterMiddleware {
    typealias Context = IngressContext

    private let methods: [(path: RouterPath, method: HTTPRequest.Method)]

    init(routes: [Router<IngressContext>.RouteDescription]) {
        methods = routes.map { ($0.path, $0.method) }
    }

    @concurrent func handle(
        _ request: Request, context: IngressContext,
        next: @concurrent (Request, IngressContext) async throws -> Response
    ) async throws -> Response {
        let allowed = methods(of: request.uri.path)
        throw allowed.isEmpty ? Problem.noRoute : Problem.methodNotAllowed(allowed)
    }

    /// The methods under which a path is there, in order. Where there is a GET there is a HEAD.
    private func methods(of path: String) -> [String] {
        let components = path.split(separator: "/")
        let matching = methods.filter { route in
            route.path.count == components.count && zip(route.path, components).allSatisfy { $0 ~= $1 }
        }
        // As in the router, what is written out in a path hides a parameter in its place.
        let shapes = matching.map { route in zip(route.path, components).map { $0 == $1 } }
        let closest = shapes.max { $0.lexicographicallyPrecedes($1) { !$0 && $1 } }
        var names = Set(zip(matching, shapes).filter { $1 == closest }.map(\.0.method.rawValue))
        if names.contains("GET") {
            names.insert("HEAD")
        }
        return names.sorted()
    }
}
