import Foundation
import Testing

/// The articles and the README say only what compiles: each block of Swift in them stands in a file that the build
/// compiles, here or in `Examples`, and each symbol that they link to is declared.
@Suite struct ArticleTests {
    @Test(arguments: try Document.all) func everyBlockIsCompiled(document: Document) throws {
        let sources = try Document.compiled
        for block in document.blocks {
            // Where it stands in a function, it stands further to the right.
            let forms = [0, 4, 8, 12].map { block.indented(by: $0) }
            #expect(forms.contains { form in sources.contains { $0.contains(form) } }, "not compiled:\n\(block)")
        }
    }

    @Test(arguments: try Document.all) func everySymbolIsDeclared(document: Document) throws {
        let declared = try Document.declarations
        for link in document.links {
            #expect(
                link.split(separator: "/").allSatisfy { declared.contains(String($0.prefix { $0 != "(" })) }, "\(link)")
        }
    }

    /// Without this the two tests above would pass if they found nothing.
    @Test func thereIsSomethingToLookAt() throws {
        let documents = try Document.all
        #expect(documents.count > 7)
        #expect(documents.count { !$0.blocks.isEmpty } > 8)
        #expect(documents.contains { !$0.links.isEmpty })
    }
}

/// A text with blocks of code.
struct Document: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String

    var testDescription: String { name }

    /// The blocks that are marked as Swift.
    var blocks: [String] { text.matches(of: /(?ms)^```swift\n(.*?)^```$/).map { String($0.1) } }

    /// What stands between two backticks at each side.
    var links: [String] { text.matches(of: /``([^`\n]+)``/).map { String($0.1) } }
}

extension Document {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The articles on the library, the guides, and the README.
    static var all: [Document] {
        get throws {
            try files("Sources/JobRuntime/JobRuntime.docc", "md") + files("docs", "md")
                + [Document(name: "README.md", text: text(of: root.appending(path: "README.md")))]
        }
    }

    /// Sources that show how the library is used.
    static var compiled: [String] {
        get throws { try (files("Tests/DocumentationTests", "swift") + files("Examples", "swift")).map(\.text) }
    }

    /// The names of everything that the library declares, and its own.
    static var declarations: Set<String> {
        get throws {
            let declaration = /\b(?:struct|enum|class|protocol|actor|typealias|func|var|let|case) `?(\w+)/
            let sources = try files("Sources/JobRuntime", "swift")
            return Set(sources.flatMap { $0.text.matches(of: declaration).map { String($0.1) } }).union(["JobRuntime"])
        }
    }

    private static func files(_ directory: String, _ suffix: String) throws -> [Document] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: directory).path)
        return try paths.filter { $0.hasSuffix(".\(suffix)") }.sorted().map { path in
            Document(name: path, text: try text(of: root.appending(path: directory).appending(path: path)))
        }
    }

    private static func text(of file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }
}

extension String {
    /// With so many spaces before each line that is not empty.
    fileprivate func indented(by count: Int) -> String {
        let spaces = String(repeating: " ", count: count)
        return split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : spaces + $0 }.joined(separator: "\n")
    }
}
