// Small helpers for numbers and columns in texts; the same on every machine and in every locale.
#pragma once

#include <string>
#include <vector>

namespace etcdlab
{

/// Exactly so many decimals: 710.00. Of a number that is not finite "-".
std::string FixedNumber(double value, int decimals);

/// At most so many decimals, no trailing zeros: 710, 343.33.
std::string TrimmedNumber(double value, int decimals);

/// Blanks added on the right until the text is `width` bytes long.
std::string Padded(std::string text, std::size_t width);

/// Rows of cells as aligned columns, two blanks apart: the first `left` columns to the left, the
/// others to the right.
/// All rows have as many cells. Every line ends without blanks.
std::string AlignedColumns(const std::vector<std::vector<std::string>>& rows, std::size_t left);

/// How wide each column of these rows is.
std::vector<std::size_t> ColumnWidths(const std::vector<std::vector<std::string>>& rows);

} // namespace etcdlab
