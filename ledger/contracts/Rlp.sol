// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// RLP (yellow paper, appendix B) of what system contracts post and outboxes return.
library Rlp {
    uint256 private constant STRING = 0x80;
    uint256 private constant LIST = 0xc0;
    uint256 private constant SHORT_MAX = 55; // longer ones name the size of their size

    /// The list of `strings`, each of at least two bytes (one byte below 0x80 would stand for
    /// itself), together below 16 MiB.
    function listOf(bytes[] memory strings) internal pure returns (bytes memory out) {
        uint256 payload = 0;
        for (uint256 i = 0; i < strings.length; i++) {
            payload += _headerSize(strings[i].length) + strings[i].length;
        }
        out = new bytes(_headerSize(payload) + payload);
        uint256 place = _putHeader(out, 0, LIST, payload);
        for (uint256 i = 0; i < strings.length; i++) {
            place = _putHeader(out, place, STRING, strings[i].length);
            _copy(out, place, strings[i]);
            place += strings[i].length;
        }
    }

    /// The list whose items, RLP already, stand in `items` one behind the other; below 16 MiB.
    function list(bytes memory items) internal pure returns (bytes memory) {
        return bytes.concat(_header(LIST, items.length), items);
    }

    /// The item of a string below 16 MiB.
    function text(bytes memory content) internal pure returns (bytes memory) {
        if (content.length == 1 && content[0] < 0x80) return content;
        return bytes.concat(_header(STRING, content.length), content);
    }

    /// The item of a number: its bytes without leading zeros.
    function number(uint64 value) internal pure returns (bytes memory) {
        uint256 digits = 0;
        while (digits < 8 && value >> (8 * digits) > 0) digits++;
        bytes memory content = new bytes(digits);
        for (uint256 i = 0; i < digits; i++) {
            content[i] = bytes1(uint8(value >> (8 * (digits - 1 - i))));
        }
        return text(content);
    }

    /// `parts` from index `from` up to, not including, `to`, one behind the other.
    function join(bytes[] memory parts, uint256 from, uint256 to)
        internal
        pure
        returns (bytes memory all)
    {
        uint256 size = 0;
        for (uint256 i = from; i < to; i++) {
            size += parts[i].length;
        }
        all = new bytes(size);
        uint256 place = 0;
        for (uint256 i = from; i < to; i++) {
            _copy(all, place, parts[i]);
            place += parts[i].length;
        }
    }

    function _header(uint256 kind, uint256 size) private pure returns (bytes memory header) {
        header = new bytes(_headerSize(size));
        _putHeader(header, 0, kind, size);
    }

    function _headerSize(uint256 size) private pure returns (uint256) {
        if (size <= SHORT_MAX) return 1;
        if (size <= 0xff) return 2;
        return size <= 0xffff ? 3 : 4;
    }

    /// Returns the place behind the header.
    function _putHeader(bytes memory out, uint256 place, uint256 kind, uint256 size)
        private
        pure
        returns (uint256)
    {
        uint256 digits = _headerSize(size) - 1;
        if (digits == 0) {
            out[place] = bytes1(uint8(kind + size));
            return place + 1;
        }
        out[place++] = bytes1(uint8(kind + SHORT_MAX + digits));
        while (digits > 0) {
            digits--;
            out[place++] = bytes1(uint8(size >> (8 * digits)));
        }
        return place;
    }

    /// `from` into `out` at `place`, where listOf() made room for it.
    function _copy(bytes memory out, uint256 place, bytes memory from) private pure {
        assembly ("memory-safe") {
            mcopy(add(add(out, 0x20), place), add(from, 0x20), mload(from))
        }
    }
}
