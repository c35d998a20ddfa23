// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Outbox} from "./Outbox.sol";

/// The outbox of the next committee and parameters, whose entry makes a block a seal. Stands at
/// the address of EIP-7251, so its entries are the block's request of type 0x02. It also counts
/// blocks per payout account, from which contracts know who led.
///
/// Storage, after Outbox's
///   slot 2  _blocks: payout account => blocks it is the beneficiary of
contract SealOutbox is Outbox {
    mapping(address payout => uint256 count) private _blocks;

    /// Blocks up to the last one whose beneficiary was `payout`.
    function blocksOf(address payout) external view returns (uint256) {
        return _blocks[payout];
    }

    function _onBlockEnd() internal override {
        unchecked {
            _blocks[block.coinbase]++; // 2^256 blocks are not to be feared
        }
    }

    /// Nobody: there are no system contracts in this protocol version.
    function _mayPost(address) internal pure override returns (bool) {
        return false;
    }
}
