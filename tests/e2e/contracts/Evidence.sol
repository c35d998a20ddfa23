// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// Checks a proof that a committee's member contradicted itself, knowing nothing but the committee.
/// The proof's 215 bytes are those of node/consensus/evidence.h:
///   version u8 | type u8 | type u8 | epoch u64 | view u64 | signer u16
///   | digest 32 | digest 32 | signature 65 | signature 65
contract Evidence {
    error WrongForm();
    error NoContradiction();
    error NotSigned();

    uint8 constant PROPOSAL = 1;
    uint8 constant NOTARIZE = 2;
    uint8 constant NULLIFY = 3;
    uint8 constant FINALIZE = 4;
    uint256 constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// What every signature of an epoch is bound to, and who its members are.
    struct Committee {
        uint256 chainId;
        bytes32 genesis; // hash of block 0
        uint64 epoch;
        bytes32 hash;
        address[] members;
    }

    /// The member that signed both statements; reverts unless they are its own and contradict.
    function culprit(bytes calldata proof, Committee calldata committee) external pure returns (address) {
        if (proof.length != 215 || uint8(proof[0]) != 1) revert WrongForm();
        uint256 signer = uint16(bytes2(proof[19:21]));
        if (uint64(bytes8(proof[3:11])) != committee.epoch || signer >= committee.members.length) revert WrongForm();
        if (!contradicts(uint8(proof[1]), uint8(proof[2]), bytes32(proof[21:53]), bytes32(proof[53:85]))) {
            revert NoContradiction();
        }
        address member = committee.members[signer];
        if (!signed(proof, 1, 21, 85, member, committee) || !signed(proof, 2, 53, 150, member, committee)) {
            revert NotSigned();
        }
        return member;
    }

    /// In the one order in which a pair is written.
    function contradicts(uint8 first, uint8 second, bytes32 a, bytes32 b) private pure returns (bool) {
        if (first == NULLIFY) return second == FINALIZE && a == 0;
        return (first == PROPOSAL || first == NOTARIZE || first == FINALIZE) && first == second && a < b;
    }

    function signed(
        bytes calldata proof,
        uint256 kindAt,
        uint256 digestAt,
        uint256 signatureAt,
        address member,
        Committee calldata committee
    ) private pure returns (bool) {
        bytes memory body = proof[11:19]; // the view
        if (uint8(proof[kindAt]) != NULLIFY) body = bytes.concat(body, proof[digestAt:digestAt + 32]);
        bytes32 digest = keccak256(
            abi.encodePacked(
                "ORG1", proof[kindAt], committee.chainId, committee.genesis, committee.epoch, committee.hash, body
            )
        );
        bytes32 r = bytes32(proof[signatureAt:signatureAt + 32]);
        bytes32 s = bytes32(proof[signatureAt + 32:signatureAt + 64]);
        uint8 odd = uint8(proof[signatureAt + 64]);
        if (odd > 1 || uint256(s) > HALF_ORDER) return false;
        return ecrecover(digest, 27 + odd, r, s) == member;
    }
}
