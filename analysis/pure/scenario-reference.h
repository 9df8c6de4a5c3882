// The keys of scenarios as a page to read.
#pragma once

#include <string>

namespace etcdlab
{

/// Markdown: a table of all keys with defaults and meanings, a section for each object, made of a JSON Schema as ScenarioSchema writes it.
std::string ScenarioReference(const std::string& schema);

} // namespace etcdlab
