// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// OpenZeppelin's tokens of several kinds, made by whoever asks.
contract Badges is ERC1155 {
    constructor() ERC1155("") {}

    function make(address to, uint256[] calldata ids, uint256[] calldata amounts) external {
        _mintBatch(to, ids, amounts, "");
    }
}

/// OpenZeppelin's tokens each of its own.
contract Deeds is ERC721 {
    constructor() ERC721("Deeds", "DEED") {}

    function make(address to, uint256 id) external {
        _mint(to, id);
    }
}
