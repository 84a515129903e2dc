using System.CommandLine;

namespace ZohoPlatform.Cli;

/// <summary>A command whose stdout is data for another program: what failed is said on stderr, with --json too.</summary>
internal sealed class DataCommand(string name, string description) : Command(name, description);
