// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Outbox} from "./Outbox.sol";

/// The outbox of public entries: claims, decisions, grants. Stands at the address of EIP-7002, so
/// its entries are the block's request of type 0x01.
contract PublicOutbox is Outbox {
    /// Nobody: no system contract of this protocol version has public entries.
    function _mayPost(address) internal pure override returns (bool) {
        return false;
    }
}
