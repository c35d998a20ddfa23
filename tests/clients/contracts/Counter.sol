// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// A number that goes up, with an event, a custom error and a refusal in words.
contract Counter {
    /// Slot 0.
    uint256 public number;

    event Raised(address indexed who, uint256 number);

    error TooMuch(uint256 wanted, uint256 most);

    constructor(uint256 first) payable {
        number = first;
    }

    receive() external payable {}

    /// Raises the number by at most 100.
    function raise(uint256 by) external {
        if (by > 100) revert TooMuch(by, 100);
        number += by;
        emit Raised(msg.sender, number);
    }

    function refuse() external pure {
        revert("counter: not today");
    }
}
