// loam rm: deletes an installed model.
#include <memory>

#include "app/command.h"
#include "file/catalogue.h"
#include "file/model_folder.h"
#include "model/packed_folder.h"

namespace loam {

void add_rm(Command& app) {
  Command* command = app.add_subcommand("rm", "delete an installed model");
  auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "an installed model's name (see `loam list`)")->required()->type_name("");
  command->footer("Example:\n  loam rm smollm2-135m");
  command->callback([name] {
    remove_model(*name);
    PackedFolder(packed_weights_folder()).remove(models_folder() + "/" + *name + ".gguf");
  });
}

}  // namespace loam
