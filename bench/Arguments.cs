using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ZohoPlatform.Bench;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Scenarios">In the order they run.</param>
/// <param name="Rounds">Null for as many as each scenario has by itself.</param>
/// <param name="Json">One document instead of tables.</param>
/// <param name="List">Only their names.</param>
internal sealed record Arguments(IReadOnlyList<Scenario> Scenarios, int? Rounds, bool Json, bool List)
{
    public const string Usage =
        """
        dotnet run -c Release --project bench -- [--list] [--scenario NAME]... [--rounds N] [--json]
          --list            names the scenarios
          --scenario NAME   runs this one; may be repeated; without it all are run
          --rounds N        measured rounds, 1 to 99; without it 5, and 1 to 3 of what takes minutes
          --json            machine-readable output
        """;

    public static bool TryParse(string[] args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? mistake)
    {
        List<Scenario> scenarios = [];
        int? rounds = null;
        var (json, list) = (false, false);
        arguments = null;
        mistake = null;

        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--list":
                    list = true;
                    break;
                case "--json":
                    json = true;
                    break;
                case "--rounds" when int.TryParse(args.ElementAtOrDefault(i + 1), CultureInfo.InvariantCulture, out var n)
                    && n is > 0 and < 100:
                    rounds = n;
                    i++;
                    break;
                case "--scenario" when Scenario.All.FirstOrDefault(s => s.Name == args.ElementAtOrDefault(i + 1)) is { } scenario:
                    scenarios.Add(scenario);
                    i++;
                    break;
                default:
                    mistake = $"'{string.Join(' ', args.Skip(i).Take(2))}' is not understood.";
                    return false;
            }
        }

        arguments = new Arguments(scenarios.Count > 0 ? scenarios : Scenario.All, rounds, json, list);
        return true;
    }
}
