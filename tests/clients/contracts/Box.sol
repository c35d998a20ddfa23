// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {Initializable} from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// Kept behind a UUPS proxy: its owner upgrades it.
contract Box is Initializable, OwnableUpgradeable, UUPSUpgradeable {
    uint256 public content;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    function initialize(address owner, uint256 first) external initializer {
        __Ownable_init(owner);
        content = first;
    }

    function put(uint256 value) external {
        content = value;
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}

/// The same box, which can also double what it holds.
/// @custom:oz-upgrades-unsafe-allow missing-initializer
contract BoxV2 is Box {
    function double() external {
        content *= 2;
    }
}
