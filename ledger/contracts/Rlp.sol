// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// RLP (yellow paper, appendix B) of what the outboxes return.
library Rlp {
    uint256 private constant STRING = 0x80;
    uint256 private constant LIST = 0xc0;
    uint256 private constant SHORT_MAX = 55; // longer ones name the size of their size

    /// The list of `strings`, each of at least two bytes (one byte below 0x80 would stand for
    /// itself), together below 16 MiB.
    function listOf(bytes[] memory strings) internal pure returns (bytes memory list) {
        uint256 payload = 0;
        for (uint256 i = 0; i < strings.length; i++) {
            payload += _headerSize(strings[i].length) + strings[i].length;
        }
        list = new bytes(_headerSize(payload) + payload);
        uint256 place = _putHeader(list, 0, LIST, payload);
        for (uint256 i = 0; i < strings.length; i++) {
            place = _putHeader(list, place, STRING, strings[i].length);
            _copy(list, place, strings[i]);
            place += strings[i].length;
        }
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
