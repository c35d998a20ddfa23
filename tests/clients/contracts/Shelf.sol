// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// Kept behind a transparent proxy: the proxy's admin upgrades it.
contract Shelf {
    uint256 public boards;

    function build(uint256 count) external {
        boards = count;
    }
}

contract ShelfV2 {
    uint256 public boards;
    uint256 public books;

    function fill(uint256 count) external {
        books = count * boards;
    }
}
