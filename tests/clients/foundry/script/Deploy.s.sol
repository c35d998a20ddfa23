// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Acme} from "../src/Acme.sol";
import {Counter} from "../src/Counter.sol";
import {Vm, VM_ADDRESS} from "./Vm.sol";

/// Deploys two contracts and uses them: four transactions.
contract Deploy {
    Vm private constant vm = Vm(VM_ADDRESS);

    function run() external returns (Acme points, Counter counter) {
        vm.startBroadcast();
        points = new Acme(1000);
        counter = new Counter(7);
        counter.raise(5);
        points.transfer(address(counter), 250);
        vm.stopBroadcast();
    }
}
