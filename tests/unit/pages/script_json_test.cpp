#include "pages/script_json.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

TEST(ScriptJson, NothingInATextEndsTheElementOrBeginsAComment) {
  const Json json = {{"</script>", "<!-- <script> & \xE2\x80\xA8 \xE2\x80\xA9"}};

  const std::string text = script_json(json);

  EXPECT_EQ(text,
            "{\"\\u003c/script\\u003e\":\"\\u003c!-- \\u003cscript\\u003e \\u0026 \\u2028 "
            "\\u2029\"}");
}

TEST(ScriptJson, ReadsBackAsWhatWasWritten) {
  const Json json = {{"name", "a < b && \"c\" \\ é × \xE2\x80\xA8"}, {"values", {1, 2.5}}};

  EXPECT_EQ(Json::parse(script_json(json)), json);
}

TEST(ScriptJson, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(script_json(Json("a\xFFz")), "\"a\xEF\xBF\xBDz\"");
}

}  // namespace
}  // namespace gpubench
