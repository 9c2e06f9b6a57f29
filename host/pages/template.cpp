#include "pages/template.h"

#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>

#include <cassert>

#include "pages/files.h"

namespace gpubench {
namespace {

ctemplate::TemplateString view(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

TemplateValues::TemplateValues()
    : values_(std::make_unique<ctemplate::TemplateDictionary>("page")) {}
TemplateValues::~TemplateValues() = default;

TemplateValues::Part TemplateValues::root() const {
  return Part(*values_);
}

void TemplateValues::Part::set(std::string_view name, std::string_view value) {
  values_->SetValue(view(name), view(value));
}

TemplateValues::Part TemplateValues::Part::add(std::string_view section) {
  return Part(*values_->AddSectionDictionary(view(section)));
}

std::string filled_template(std::string_view file, const TemplateValues& values) {
  const std::string_view text = page_file(file);
  ctemplate::TemplateCache cache;
  [[maybe_unused]] const bool parsed = cache.StringToTemplateCache(
      view(file), text.data(), text.size(), ctemplate::STRIP_BLANK_LINES);
  assert(parsed && "tests fill every template of templates/");
  std::string page;
  cache.ExpandWithData(view(file), ctemplate::STRIP_BLANK_LINES, values.values_.get(), nullptr,
                       &page);
  return page;
}

}  // namespace gpubench
