import Redis

/// The scripts of the runtime, each a `.lua` file under `Scripts/` that says its keys, arguments and answer.
enum Scripts {
    static let open = script("open", PackageResources.open_lua, runsWhenFull: true)
    static let register = script("register", PackageResources.register_lua, runsWhenFull: true)
    static let enqueue = script("enqueue", clock, events, limits, PackageResources.enqueue_lua)
    static let probe = script("probe", limits, PackageResources.probe_lua)
    static let settle = script("settle", clock, events, fence, PackageResources.settle_lua, runsWhenFull: true)
    static let extend = script("extend", fence, PackageResources.extend_lua)
    static let reclaim = script("reclaim", PackageResources.reclaim_lua)
    static let promote = script("promote", clock, events, PackageResources.promote_lua, runsWhenFull: true)
    static let cancel = script("cancel", clock, events, PackageResources.cancel_lua, runsWhenFull: true)
    static let hasten = script("hasten", clock, PackageResources.hasten_lua, runsWhenFull: true)
    static let redrive = script("redrive", clock, events, PackageResources.redrive_lua)
    static let drop = script("drop", clock, events, PackageResources.drop_lua, runsWhenFull: true)
    static let heartbeat = script("heartbeat", clock, PackageResources.heartbeat_lua, runsWhenFull: true)
    static let leave = script("leave", PackageResources.leave_lua)
    static let position = script("position", PackageResources.position_lua)
    static let handback = script("handback", PackageResources.handback_lua, runsWhenFull: true)
    static let report = script("report", clock, events, PackageResources.report_lua, runsWhenFull: true)
    static let locate = script("locate", whereabouts, PackageResources.locate_lua)
    static let restore = script("restore", clock, events, whereabouts, PackageResources.restore_lua)
    static let walk = script("walk", PackageResources.walk_lua)
    static let watch = script("watch", PackageResources.watch_lua)
    static let meta = script("meta", PackageResources.meta_lua, runsWhenFull: true)
    static let group = script("group", PackageResources.group_lua, runsWhenFull: true)
    static let acknowledge = script("acknowledge", PackageResources.acknowledge_lua, runsWhenFull: true)
    static let erase = script("erase", PackageResources.erase_lua, runsWhenFull: true)
    static let backlog = script("backlog", clock, PackageResources.backlog_lua)

    // The parts they share.
    private static let clock = PackageResources.clock_lua
    private static let events = PackageResources.events_lua
    private static let limits = PackageResources.limits_lua
    private static let fence = PackageResources.fence_lua
    private static let whereabouts = PackageResources.whereabouts_lua

    /// - Parameter runsWhenFull: the script may run when Redis is at `maxmemory`. What ends jobs must: it frees memory
    ///   in the end, and refusing it would leave the queue full for ever.
    private static func script(_ name: String, _ parts: [UInt8]..., runsWhenFull: Bool = false) -> RedisScript {
        let source = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        return RedisScript(name: name, source: (runsWhenFull ? "#!lua flags=allow-oom\n" : "") + source)
    }
}
