using System.Text.Json.Serialization;

namespace ZohoPlatform.Bench;

/// <summary>One measured quantity over the rounds of a run.</summary>
/// <param name="Name">What was measured, and of whom.</param>
/// <param name="Unit">Of the values; <c>x</c> is a ratio.</param>
/// <param name="Values">One per round, in their order.</param>
/// <param name="Target">What the median, or every round of a count, is held against; null for a figure that is only shown.</param>
internal sealed record Figure(string Name, string Unit, IReadOnlyList<double> Values, Target? Target = null)
{
    public double Min { get; } = Values.Min();

    public double Max { get; } = Values.Max();

    public double Median { get; } = MedianOf([.. Values.Order()]);

    /// <summary>Null without a target.</summary>
    public bool? Met => Target switch
    {
        null => null,
        // one lost contact in one round is lost, whatever the median says
        { IsCount: true } => Target.Holds(Min) && Target.Holds(Max),
        _ => Target.Holds(Median),
    };

    /// <summary>Something was lost, doubled or wrongly answered: unlike what is only slow, it fails the run.</summary>
    [JsonIgnore]
    public bool IsMissedCount => Target is { IsCount: true } && Met is false;

    /// <summary>Puts rounds together that each found one value per figure, always of the same figures.</summary>
    public static async Task<IReadOnlyList<Figure>> OfRoundsAsync(int rounds, Func<Task<IReadOnlyList<Figure>>> measure)
    {
        var figures = new List<IReadOnlyList<Figure>>();
        for (var round = 0; round < rounds; round++)
        {
            figures.Add(await measure());
        }

        return
        [
            .. figures[0].Select((figure, i) =>
                new Figure(figure.Name, figure.Unit, [.. figures.Select(of => of[i].Values[0])], figure.Target)),
        ];
    }

    private static double MedianOf(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}

/// <summary>Bounds, both included.</summary>
/// <param name="AtLeast">Null for no lower bound.</param>
/// <param name="AtMost">Null for no upper bound.</param>
/// <param name="IsCount">Not a matter of speed: every round must hold it.</param>
internal sealed record Target(double? AtLeast = null, double? AtMost = null, bool IsCount = false)
{
    /// <summary>For what must not happen at all; less than none is as wrong as more.</summary>
    public static Target None { get; } = new(AtLeast: 0, AtMost: 0, IsCount: true);

    public bool Holds(double value) => value >= (AtLeast ?? double.NegativeInfinity) && value <= (AtMost ?? double.PositiveInfinity);
}
