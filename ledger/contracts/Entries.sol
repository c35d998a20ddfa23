// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Rlp} from "./Rlp.sol";

/// A committee entry: who sits in the committee, and with which keys (ledger/chain/finality.h).
///
/// Storage: consensus and weight share a slot, so do payout and nodeKeyPrefix; then nodeKeyX,
/// revealSalt, revealCommitment and the endpoint. Six slots if the endpoint is up to 31 bytes.
struct Entry {
    address consensus; // signs votes
    uint64 weight;
    address payout; // gets what its blocks earn
    bytes1 nodeKeyPrefix; // 02 or 03: SEC 1's compressed key is this and nodeKeyX
    bytes32 nodeKeyX;
    bytes32 revealSalt;
    bytes32 revealCommitment;
    string endpoint; // "host:port", or empty
}

/// What a committee entry must be, and its RLP. What passes here passes in ledger/chain/seal.c, too:
/// a seal that nobody can read would leave the contract's committee another one than the ledger's.
library Entries {
    uint256 internal constant ENDPOINT_MAX = 255;

    /// The field `field` of the entry is not as it must be.
    error BadEntry(string field, string expected);
    /// `consensus` and `other` have the same `field`.
    error Repeated(address consensus, address other, string field);

    /// Of a newcomer.
    function check(Entry calldata entry) internal pure {
        if (entry.consensus == address(0)) revert BadEntry("consensus", "an address above 0");
        if (entry.payout == address(0)) revert BadEntry("payout", "an address above 0");
        if (entry.weight != 1) revert BadEntry("weight", "1: one member, one vote");
        if (entry.nodeKeyPrefix != 0x02 && entry.nodeKeyPrefix != 0x03) {
            revert BadEntry("nodeKeyPrefix", "02 or 03, of a compressed key");
        }
        bytes calldata endpoint = bytes(entry.endpoint);
        if (endpoint.length > ENDPOINT_MAX) revert BadEntry("endpoint", "at most 255 bytes");
        for (uint256 i = 0; i < endpoint.length; i++) {
            if (endpoint[i] <= 0x20 || endpoint[i] >= 0x7f) {
                revert BadEntry("endpoint", "ASCII without spaces and control characters");
            }
        }
    }

    /// Members share no key, account or chain of reveals.
    function checkApart(Entry memory entry, Entry memory other) internal pure {
        if (entry.payout == other.payout) {
            revert Repeated(entry.consensus, other.consensus, "payout");
        }
        if (entry.nodeKeyX == other.nodeKeyX && entry.nodeKeyPrefix == other.nodeKeyPrefix) {
            revert Repeated(entry.consensus, other.consensus, "nodeKey");
        }
        if (entry.revealCommitment == other.revealCommitment) {
            revert Repeated(entry.consensus, other.consensus, "revealCommitment");
        }
    }

    /// RLP [version 1, consensus, node key, payout, weight, endpoint, salt, commitment].
    function encode(Entry memory entry) internal pure returns (bytes memory) {
        bytes memory keys = bytes.concat(
            hex"0194", bytes20(entry.consensus), hex"a1", entry.nodeKeyPrefix, entry.nodeKeyX
        );
        bytes memory account = bytes.concat(
            hex"94", bytes20(entry.payout), Rlp.number(entry.weight), Rlp.text(bytes(entry.endpoint))
        );
        return Rlp.list(
            bytes.concat(
                keys, account, hex"a0", entry.revealSalt, hex"a0", entry.revealCommitment
            )
        );
    }
}
