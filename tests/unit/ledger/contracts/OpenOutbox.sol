// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Outbox} from "ledger/contracts/Outbox.sol";

/// An outbox that takes entries from everybody, to test posting and draining together.
contract OpenOutbox is Outbox {
    function _mayPost(address) internal pure override returns (bool) {
        return true;
    }
}
