// template.h — fills a template of templates/. Every value is escaped for the place where it
// stands (text, attribute, script) by the template library itself, whatever it holds; a template
// opts out with {{NAME:none}} for what gpubench made.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ctemplate {
class TemplateDictionary;
}

namespace gpubench {

/// What a template is filled with: values by name, and sections that are shown once for each time
/// that they were added.
class TemplateValues {
 public:
  TemplateValues();
  ~TemplateValues();
  TemplateValues(const TemplateValues&) = delete;
  TemplateValues& operator=(const TemplateValues&) = delete;

  /// A part of the values that belongs to them: cheap to copy.
  class Part {
   public:
    explicit Part(ctemplate::TemplateDictionary& values) : values_(&values) {}
    void set(std::string_view name, std::string_view value);
    Part add(std::string_view section);

   private:
    ctemplate::TemplateDictionary* values_;
  };
  [[nodiscard]] Part root() const;

 private:
  friend std::string filled_template(std::string_view, const TemplateValues&);
  std::unique_ptr<ctemplate::TemplateDictionary> values_;
};

/// `file` is one of page_file().
std::string filled_template(std::string_view file, const TemplateValues& values);

}  // namespace gpubench
