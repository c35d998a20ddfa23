// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// A book that anyone may sign, also from an account with balance zero.
contract Guestbook {
    event Signed(address indexed guest, string words);

    uint256 public count;
    string public last;

    function sign(string calldata words) external {
        require(bytes(words).length > 0, "guestbook: say something");
        count += 1;
        last = words;
        emit Signed(msg.sender, words);
    }
}
