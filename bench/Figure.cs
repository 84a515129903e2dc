namespace ZohoPlatform.Bench;

/// <summary>One measured quantity over the rounds of a run.</summary>
/// <param name="Name">What was measured, and of whom.</param>
/// <param name="Unit">Of the values; <c>x</c> is a ratio.</param>
/// <param name="Values">One per round, in their order.</param>
/// <param name="Target">What the median is held against; null for a figure that is only shown.</param>
internal sealed record Figure(string Name, string Unit, IReadOnlyList<double> Values, Target? Target = null)
{
    public double Min { get; } = Values.Min();

    public double Max { get; } = Values.Max();

    public double Median { get; } = MedianOf([.. Values.Order()]);

    /// <summary>Null without a target.</summary>
    public bool? Met => Target is null
        ? null
        : Median >= (Target.AtLeast ?? double.NegativeInfinity) && Median <= (Target.AtMost ?? double.PositiveInfinity);

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
internal sealed record Target(double? AtLeast = null, double? AtMost = null);
