// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// OpenZeppelin's token, minted to whoever deploys it.
contract Acme is ERC20, Ownable {
    constructor(uint256 supply) ERC20("Acme points", "ACP") Ownable(msg.sender) {
        _mint(msg.sender, supply);
    }

    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    /// A revert with a reason in words, as older contracts have.
    function refuse() external pure {
        require(false, "acme: closed on Sundays");
    }

    /// What a contract sees of its block.
    function surroundings() external view returns (uint256 number, uint256 time, uint256 chain, uint256 fee) {
        return (block.number, block.timestamp, block.chainid, block.basefee);
    }
}
