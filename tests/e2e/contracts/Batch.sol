// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// What a person's account can be with EIP-7702: it makes several calls at once, all or none, for
/// its owner or for whoever pays the fee of an order that the owner signed.
contract Batch {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    event Made(uint256 calls);

    error NotTheOwner(address sender, address signer);
    error CallFailed(uint256 index);

    /// The next order's number, in the account's own storage.
    uint256 public orders;

    function make(Call[] calldata calls) external payable {
        if (msg.sender != address(this)) revert NotTheOwner(msg.sender, address(0));
        _make(calls);
    }

    function makeSigned(Call[] calldata calls, bytes32 r, bytes32 s, uint8 v) external payable {
        address signer = ecrecover(orderHash(calls), v, r, s);
        if (signer != address(this)) revert NotTheOwner(msg.sender, signer);
        orders++;
        _make(calls);
    }

    /// What the owner signs.
    function orderHash(Call[] calldata calls) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), orders, calls));
    }

    function _make(Call[] calldata calls) private {
        for (uint256 index = 0; index < calls.length; index++) {
            (bool ok,) = calls[index].to.call{value: calls[index].value}(calls[index].data);
            if (!ok) revert CallFailed(index);
        }
        emit Made(calls.length);
    }

    receive() external payable {}
}
