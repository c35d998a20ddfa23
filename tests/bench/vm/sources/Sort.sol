// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @notice Quicksort of pseudo-random words in memory.
contract Sort {
    function run(uint256 count) external view returns (uint256, uint256) {
        uint256 start = gasleft();
        uint256[] memory words = new uint256[](count);
        uint256 seed = 1;
        for (uint256 i = 0; i < count; i++) {
            unchecked {
                seed = seed * 6364136223846793005 + 1442695040888963407;
            }
            words[i] = (seed >> 33) & 0xffffffff;
        }
        sort(words, 0, int256(count) - 1);
        uint256 digest = 0;
        for (uint256 i = 0; i < count; i++) {
            require(i == 0 || words[i - 1] <= words[i], "not sorted");
            unchecked {
                digest = digest * 31 + words[i];
            }
        }
        return (start - gasleft(), digest);
    }

    function sort(uint256[] memory words, int256 left, int256 right) private pure {
        int256 i = left;
        int256 j = right;
        if (i >= j) return;
        uint256 pivot = words[uint256(left + (right - left) / 2)];
        while (i <= j) {
            while (words[uint256(i)] < pivot) i++;
            while (pivot < words[uint256(j)]) j--;
            if (i <= j) {
                (words[uint256(i)], words[uint256(j)]) = (words[uint256(j)], words[uint256(i)]);
                i++;
                j--;
            }
        }
        sort(words, left, j);
        sort(words, i, right);
    }
}
