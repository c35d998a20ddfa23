// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Acme} from "../src/Acme.sol";
import {Counter} from "../src/Counter.sol";
import {Vm, VM_ADDRESS} from "../script/Vm.sol";

/// On a fork of the ledger: what the script deployed is there, and can be used without a trace.
contract ForkTest {
    Vm private constant vm = Vm(VM_ADDRESS);

    function test_what_was_deployed_is_there() external view {
        Counter counter = Counter(payable(vm.envAddress("COUNTER")));
        Acme points = Acme(vm.envAddress("POINTS"));
        require(counter.number() == 12, "number");
        require(points.balanceOf(address(counter)) == 250, "points");
        require(points.totalSupply() == 1000, "supply");
    }

    function test_it_can_be_raised() external {
        Counter counter = Counter(payable(vm.envAddress("COUNTER")));
        counter.raise(30);
        require(counter.number() == 42, "number");
    }
}
