using System.CommandLine;
using System.Text.RegularExpressions;

namespace ZohoPlatform.Cli.Input;

/// <summary>What the gateway calls its fields, a person gives as options.</summary>
internal sealed class FieldWords
{
    private readonly IReadOnlyDictionary<string, Option> _options;
    private readonly IReadOnlyDictionary<string, Option> _everyday;
    private readonly Regex _fields;

    /// <param name="options">By the field's name in the request; not one that is a word of everyday.</param>
    /// <param name="everyday">Those that are: they are meant where they begin a sentence that says what they must be.</param>
    public FieldWords(IReadOnlyDictionary<string, Option> options, IReadOnlyDictionary<string, Option>? everyday = null)
    {
        _options = options;
        _everyday = everyday ?? new Dictionary<string, Option>(StringComparer.Ordinal);
        // (?!) fits nowhere
        _fields = new Regex(
            $@"(?<![\w.\-""])({NamesOf(_options)})(?![\w\-""]|\.\w)|^({NamesOf(_everyday)})(?= (must|may|of|is|holds) )",
            RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
            TimeSpan.FromSeconds(1));
    }

    /// <summary>A sentence of the gateway with options in place of its fields.</summary>
    public string Said(string sentence) => CommandWords.Said(_fields.Replace(sentence, field =>
    {
        var option = _options.GetValueOrDefault(field.Value) ?? _everyday[field.Value];
        return $"{option.Name} {option.HelpName}".TrimEnd();
    }));

    private static string NamesOf(IReadOnlyDictionary<string, Option> options) => options.Count == 0
        ? "(?!)"
        : string.Join('|', options.Keys.OrderByDescending(name => name.Length).Select(Regex.Escape));
}
