// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @notice Sends tokens to 16 receivers in turn, every other time out of its own allowance.
contract TokenLoop {
    Token private constant TOKEN = Token(address(0x2000));

    function run(uint256 rounds) external returns (uint256, uint256) {
        uint256 start = gasleft();
        TOKEN.mint(rounds * 16);
        TOKEN.approve(address(this), rounds * 16);
        for (uint256 round = 0; round < rounds; round++) {
            address to = address(uint160(0x3000 + (round % 16)));
            if (round % 2 == 0) TOKEN.transfer(to, 7);
            else TOKEN.transferFrom(address(this), to, 9);
        }
        uint256 left = TOKEN.balanceOf(address(this));
        return (start - gasleft(), left);
    }
}
