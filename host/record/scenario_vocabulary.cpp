#include "record/scenario_vocabulary.h"

#include "plan/vocabulary.h"
#include "record/columns.h"
#include "record/words.h"

namespace gpubench {

Vocabulary scenario_vocabulary() {
  Vocabulary words = catalogue_vocabulary();
  words.check_statuses = check_status_words();
  for (const Column& column : result_columns()) {
    words.columns.push_back(column.name);
    if (is_number_column(column.name) == true) words.metrics.push_back(column.name);
  }
  return words;
}

}  // namespace gpubench
