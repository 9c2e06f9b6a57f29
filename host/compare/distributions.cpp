#include "compare/distributions.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace gpubench {

double normal_upper_tail(double z) {
  return boost::math::cdf(boost::math::complement(boost::math::normal(), z));
}

double normal_quantile(double p) {
  return boost::math::quantile(boost::math::normal(), p);
}

double student_upper_tail(double t, double freedom) {
  return boost::math::cdf(boost::math::complement(boost::math::students_t(freedom), t));
}

double student_quantile(double p, double freedom) {
  return boost::math::quantile(boost::math::students_t(freedom), p);
}

double binomial(std::size_t n, std::size_t k) {
  // Up to here each product below is a whole number under 2^53; beyond, logarithms do not overflow.
  constexpr std::size_t kExact = 48;
  if (k > n) return 0;
  if (n > kExact) {
    const auto log_factorial = [](std::size_t of) {
      return boost::math::lgamma(static_cast<double>(of) + 1);
    };
    return std::exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k));
  }
  double ways = 1;
  for (std::size_t i = 1; i <= k; ++i) {
    ways = ways * static_cast<double>(n - k + i) / static_cast<double>(i);
  }
  return ways;
}

double hypergeometric_upper_tail(std::size_t marked, std::size_t drawn, std::size_t marked_of_all,
                                 std::size_t all) {
  // Logarithms: of 10,000 runs the numbers of ways are beyond any double.
  const auto log_ways = [](std::size_t n, std::size_t k) {
    const auto log_factorial = [](std::size_t of) {
      return boost::math::lgamma(static_cast<double>(of) + 1);
    };
    return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
  };
  const std::size_t unmarked = all - marked_of_all;
  const std::size_t fewest = drawn > unmarked ? drawn - unmarked : 0;
  double tail = 0;
  for (std::size_t k = std::max(marked, fewest); k <= std::min(drawn, marked_of_all); ++k) {
    tail +=
        std::exp(log_ways(marked_of_all, k) + log_ways(unmarked, drawn - k) - log_ways(all, drawn));
  }
  return std::min(tail, 1.0);
}

}  // namespace gpubench
