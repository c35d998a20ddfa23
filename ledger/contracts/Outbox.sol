// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Rlp} from "./Rlp.sol";

/// A queue of entries that each block's end drains into the block's requests (EIP-7685).
///
/// The system call at a block's end gets at most DRAIN_MAX entries, the oldest first, as
/// RLP [entry, ...] with each entry a string; nothing when there are none. What is left waits for
/// the next block. Draining calls nobody and cannot revert: a revert there would make the block
/// invalid. DRAIN_MAX entries of ENTRY_SIZE_MAX bytes take 11.1 of the 30 million gas that a
/// system call has.
///
/// Storage
///   slot 0  _oldest (low 64 bits): number of the oldest entry; _next (64 bits): of the next one
///   slot 1  _entries: number => entry
abstract contract Outbox {
    /// Who calls at a block's end (EIP-7002, EIP-7251: SYSTEM_ADDRESS).
    address public constant SYSTEM = 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE;
    uint256 public constant DRAIN_MAX = 64;
    uint256 public constant ENTRY_SIZE_MIN = 2; // an entry is an RLP list, never a single byte
    uint256 public constant ENTRY_SIZE_MAX = 1024;

    uint64 private _oldest;
    uint64 private _next;
    mapping(uint64 number => bytes entry) private _entries;

    /// `caller` is not among those who may post.
    error MayNotPost(address caller);
    /// The entry has `size` bytes, expected `min` to `max`.
    error EntrySize(uint256 size, uint256 min, uint256 max);
    /// Called with no function of ours: only `system` does that, at a block's end.
    error NotTheSystem(address caller, address system);

    /// Queues an entry, RLP [version, kind, fields...], for this block's requests or, behind more
    /// than DRAIN_MAX others, for a later block's.
    function post(bytes calldata entry) external {
        if (!_mayPost(msg.sender)) revert MayNotPost(msg.sender);
        if (entry.length < ENTRY_SIZE_MIN || entry.length > ENTRY_SIZE_MAX) {
            revert EntrySize(entry.length, ENTRY_SIZE_MIN, ENTRY_SIZE_MAX);
        }
        _entries[_next] = entry;
        _next++;
    }

    /// Entries that wait to be drained.
    function queued() external view returns (uint256) {
        return _next - _oldest;
    }

    /// The system call at a block's end; its output is the request's data, as it is.
    fallback(bytes calldata) external returns (bytes memory) {
        if (msg.sender != SYSTEM) revert NotTheSystem(msg.sender, SYSTEM);
        _onBlockEnd();
        return _drain();
    }

    function _mayPost(address caller) internal view virtual returns (bool);

    /// Once a block, before the drain. Must not revert.
    function _onBlockEnd() internal virtual {}

    function _drain() private returns (bytes memory) {
        uint64 oldest = _oldest;
        uint256 count = _next - oldest;
        if (count == 0) return "";
        if (count > DRAIN_MAX) count = DRAIN_MAX;
        bytes[] memory entries = new bytes[](count);
        for (uint256 i = 0; i < count; i++) {
            entries[i] = _entries[oldest];
            delete _entries[oldest];
            oldest++;
        }
        _oldest = oldest;
        return Rlp.listOf(entries);
    }
}
