using System.CommandLine;
using System.Text.RegularExpressions;

namespace ZohoPlatform.Cli.Input;

/// <summary>What the gateway calls its fields, a person gives as options.</summary>
internal sealed class FieldWords
{
    private readonly IReadOnlyDictionary<string, Option> _options;
    private readonly Regex _fields;

    /// <param name="options">By the field's name in the request; not one that is a word of everyday.</param>
    public FieldWords(IReadOnlyDictionary<string, Option> options)
    {
        _options = options;
        var names = string.Join('|', options.Keys.OrderByDescending(name => name.Length).Select(Regex.Escape));
        _fields = new Regex(
            $@"(?<![\w.\-""])({names})(?![\w\-""]|\.\w)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    /// <summary>A sentence of the gateway with options in place of its fields.</summary>
    public string Said(string sentence) => CommandWords.Said(_fields.Replace(sentence, field =>
        $"{_options[field.Value].Name} {_options[field.Value].HelpName}".TrimEnd()));
}
