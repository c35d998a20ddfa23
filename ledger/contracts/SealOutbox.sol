// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Outbox} from "./Outbox.sol";

/// The outbox of the next committee and parameters, whose entry makes a block a seal. Stands at
/// the address of EIP-7251, so its entries are the block's request of type 0x02. It also counts
/// blocks per payout account, from which contracts know who led, and remembers the hash of block 0,
/// which no other contract could ask for once there are 8,192 blocks.
///
/// Storage, after Outbox's
///   slot 2  _blocks: payout account => blocks it is the beneficiary of
///   slot 3  _ledgerId: from the end of block 1 on
contract SealOutbox is Outbox {
    /// Who may post: the committee contract.
    address public constant COMMITTEE = 0x6f72670000000000000000000000000000000001;

    mapping(address payout => uint256 count) private _blocks;
    bytes32 private _ledgerId;

    /// Blocks up to the last one whose beneficiary was `payout`.
    function blocksOf(address payout) external view returns (uint256) {
        return _blocks[payout];
    }

    /// The hash of block 0, which is the ledger's id.
    function ledgerId() external view returns (bytes32) {
        return block.number == 1 ? blockhash(0) : _ledgerId;
    }

    function _onBlockEnd() internal override {
        unchecked {
            _blocks[block.coinbase]++; // 2^256 blocks are not to be feared
        }
        if (block.number == 1) _ledgerId = blockhash(0);
    }

    function _mayPost(address caller) internal pure override returns (bool) {
        return caller == COMMITTEE;
    }
}
