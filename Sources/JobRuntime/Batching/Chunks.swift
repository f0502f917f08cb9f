extension [Int] {
    /// Cuts places into pieces of what one call may take: 500, and 4 MiB together; one alone may be larger.
    ///
    /// - Parameter bytes: how many the element at a place has.
    func chunks(_ bytes: (Int) -> Int = { _ in 0 }) -> [ArraySlice<Int>] {
        var (chunks, start, taken) = ([ArraySlice<Int>](), 0, 0)
        for position in indices {
            let price = bytes(self[position])
            if position > start, position - start == 500 || taken + price > 4 << 20 {
                chunks.append(self[start..<position])
                (start, taken) = (position, 0)
            }
            taken += price
        }
        if start < count { chunks.append(self[start...]) }
        return chunks
    }
}
