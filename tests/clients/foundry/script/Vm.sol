// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// Foundry's cheat codes, those used here.
interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
    function envAddress(string calldata name) external view returns (address);
}

address constant VM_ADDRESS = address(uint160(uint256(keccak256("hevm cheat code"))));
