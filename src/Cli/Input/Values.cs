using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using ZohoPlatform.Api;

namespace ZohoPlatform.Cli.Input;

/// <summary>Reads the values of options; what they do not take is told with the option's name and what it does take.</summary>
internal static class Values
{
    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static T WholeNumber<T>(ArgumentResult result, T least, T? most = null)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && (most is null || number <= most))
        {
            return number;
        }

        var bounds = most is null ? $"{least} or more" : $"{least} to {most}";
        result.AddError($"{NameOf(result)} {text}: it takes a whole number, {bounds}.");
        return default;
    }

    /// <summary>A time as <see cref="ApiTime"/> reads it.</summary>
    public static DateTimeOffset? Time(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (ApiTime.TryParse(text, out var time))
        {
            return time;
        }

        result.AddError($"{NameOf(result)} {text}: it takes a day or a time, such as 2026-11-27 or 2026-11-27T09:30:00Z.");
        return null;
    }

    /// <summary>Texts with commas between them, the option given once or more often.</summary>
    public static string[] List(ArgumentResult result) => [.. result.Tokens.SelectMany(token =>
        token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    extension<T>(Option<T> option)
    {
        /// <summary>Takes one of these and no other.</summary>
        public Option<T> OneOf(params IReadOnlyCollection<string> names)
        {
            option.CompletionSources.Add(names.ToArray());
            option.Validators.Add(result => Check(result, result.Option.Name, names));
            return option;
        }
    }

    extension<T>(Argument<T> argument)
    {
        /// <summary>Takes one of these and no other.</summary>
        public Argument<T> OneOf(params IReadOnlyCollection<string> names)
        {
            argument.CompletionSources.Add(names.ToArray());
            argument.Validators.Add(result => Check(result, result.Argument.HelpName ?? result.Argument.Name, names));
            return argument;
        }
    }

    private static void Check(SymbolResult result, string name, IReadOnlyCollection<string> names)
    {
        foreach (var token in result.Tokens.Where(token => !names.Contains(token.Value, StringComparer.Ordinal)))
        {
            result.AddError($"{name} {token.Value}: it takes {string.Join(", ", names)}.");
        }
    }

    private static string NameOf(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
