using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Bench;

/// <summary>Writes what was found: a table per scenario as it ends, or one JSON document at the end.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    private readonly Machine _machine;
    private readonly bool _json;
    private readonly List<Outcome> _outcomes = [];

    public Report(Machine machine, bool json)
    {
        (_machine, _json) = (machine, json);

        if (!json)
        {
            Console.WriteLine($"{machine.Processor}, {machine.Cores} cores, {machine.Os}, {machine.Runtime}");
            Console.WriteLine(Invariant($"load before the run {machine.LoadBefore:0.0}; medians, then least..greatest"));
        }
    }

    /// <summary>Whether every scenario ran and counted right; a run that is only too slow is as good.</summary>
    public bool Passed => _outcomes.TrueForAll(outcome => outcome.NotRun is null && !outcome.Figures.Any(figure => figure.IsMissedCount));

    public void Add(Outcome outcome)
    {
        _outcomes.Add(outcome);

        if (_json)
        {
            return;
        }

        Console.WriteLine();
        Console.WriteLine($"{outcome.Scenario}: {outcome.Measures}, {outcome.Rounds} x");

        if (outcome.NotRun is { } reason)
        {
            Console.WriteLine($"  not run: {reason}");
        }

        foreach (var figure in outcome.Figures)
        {
            var spread = $"{Number(figure.Min)}..{Number(figure.Max)}";
            var line = $"  {figure.Name,-34} {figure.Unit,-6} {Number(figure.Median),10}   {spread,-22} {Verdict(figure)}";
            Console.WriteLine(line.TrimEnd());
        }
    }

    public void Finish()
    {
        if (_json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { Machine = _machine, Scenarios = _outcomes }, Json));
        }

        foreach (var outcome in _outcomes)
        {
            foreach (var figure in outcome.Figures.Where(figure => figure.IsMissedCount))
            {
                Console.Error.WriteLine($"{outcome.Scenario} failed: {figure.Name}: {Number(figure.Min)}..{Number(figure.Max)}");
            }
        }
    }

    private static string Verdict(Figure figure) => figure switch
    {
        { Target.IsCount: true } => figure.IsMissedCount ? "none: MISSED" : "none: met",
        { Target.AtLeast: { } low, Met: { } met } => Invariant($"at least {low}: {(met ? "met" : "short")}"),
        { Target.AtMost: { } high, Met: { } met } => Invariant($"at most {high}: {(met ? "met" : "short")}"),
        _ => "",
    };

    private static string Number(double value) => value.ToString(value < 100 ? "0.00" : "#,0", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
