using System.Text.RegularExpressions;

namespace ZohoPlatform.Platform.Tests.Conventions;

/// <summary>Rules of the code that no analyzer holds.</summary>
public sealed partial class CodeTests
{
    // migrations are generated
    private static IEnumerable<string> OwnCode => Repository.Files.Where(file =>
        file.EndsWith(".cs", StringComparison.Ordinal) && !file.Contains("/Data/Migrations/", StringComparison.Ordinal));

    [Fact]
    public void A_class_is_sealed_static_or_abstract()
    {
        var open = OwnCode
            .SelectMany(file => OpenClass().Matches(Repository.Read(file)).Select(match => $"{file}: {match.Value.Trim()}"))
            .Where(found => !found.Contains(" abstract ", StringComparison.Ordinal));

        Assert.Empty(open);
    }

    [Fact]
    public void Nothing_declares_an_interface_of_its_own() =>
        Assert.Empty(OwnCode.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && Interface().IsMatch(Repository.Read(file))));

    [Fact]
    public void Nothing_is_left_for_later()
    {
        // in two pieces, so that this file does not find itself
        var marks = new[] { "TO" + "DO", "FIX" + "ME", "HA" + "CK:" };

        Assert.Empty(Repository.Files
            .Where(file => Path.GetExtension(file) is ".cs" or ".md" or ".sh" or ".proto" or ".csproj" or ".html" or ".js" or ".css")
            .Where(file => marks.Any(mark => Repository.Read(file).Contains(mark, StringComparison.Ordinal))));
    }

    [Fact]
    public void No_pattern_takes_a_line_break_at_the_end_for_none()
    {
        // in .NET $ stands before a trailing line break as well; of many lines it is what is wanted
        var found = OwnCode.SelectMany(file => Pattern().Matches(Repository.Read(file))
            .Where(match => match.Value.Contains("$\"", StringComparison.Ordinal) && !match.Value.Contains("Multiline", StringComparison.Ordinal))
            .Select(match => $"{file}: {match.Value}"));

        Assert.Empty(found);
    }

    [Fact]
    public void Who_refuses_hidden_characters_says_all_that_is_refused() => Assert.Empty(OwnCode
        .Where(file => !file.StartsWith("tests/", StringComparison.Ordinal))
        .SelectMany(file => (string[])
        [
            .. Lacks(file, "ShownText.IsHidden", "ShownText.Rule"),
            .. Lacks(file, "OwnerName.IsOne(", "OwnerName.Rule"),
        ]));

    [Fact]
    public void Whatever_lists_zohos_data_centres_lists_them_all()
    {
        var codes = Repository.DataCentres;
        var room = codes.Sum(code => code.Length + 2) + " or ".Length;

        Assert.Empty(Repository.Files
            .Where(file => Path.GetExtension(file) is ".cs" or ".md" or ".proto" or ".http" or ".example")
            .SelectMany(file =>
            {
                var text = Ornaments().Replace(Repository.Read(file), " ");
                return ListOfPlaces().Matches(text)
                    .Select(match => text[match.Index..Math.Min(text.Length, match.Index + room)])
                    .Where(list => codes.Any(code => !list.Contains($" {code}", StringComparison.Ordinal)))
                    .Select(list => $"{file}: {list}");
            }));
    }

    [Fact]
    public void Usings_of_system_come_first_and_all_are_in_order()
    {
        // what dotnet format sees only with every project loaded
        var found = OwnCode.Where(file =>
        {
            var names = Using().Matches(Repository.Read(file)).Select(match => match.Groups[1].Value).ToList();
            return !names.SequenceEqual(names.OrderBy(name => name.Split('.')[0] != "System")
                .ThenBy(name => name.Replace('.', '\0'), StringComparer.OrdinalIgnoreCase));
        });

        Assert.Empty(found);
    }

    [Fact]
    public void No_credential_that_looks_real_is_in_the_repository()
    {
        var found = Repository.Files
            .SelectMany(file => ZohoToken().Matches(Repository.Read(file)).Select(match => $"{file}: {match.Value}"));

        Assert.Empty(found);
    }

    private static IEnumerable<string> Lacks(string file, string use, string with) =>
        Repository.Read(file) is var text && text.Split(use).Length > text.Split(with).Length ? [$"{file} has {use} without {with}"] : [];

    [GeneratedRegex(@"^\s*(public |internal |private |protected )+(partial )?(class|record) [^;{]*", RegexOptions.Multiline)]
    private static partial Regex OpenClass();

    [GeneratedRegex(@"^\s*(public |internal |private )*(partial )?interface I", RegexOptions.Multiline)]
    private static partial Regex Interface();

    [GeneratedRegex(@"^using ([A-Za-z0-9_.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    // to the end of its line: a pattern may hold brackets of its own
    [GeneratedRegex(@"GeneratedRegex\((?s:.*?)\)\][ \t\r]*\n|new Regex\([^;]*;")]
    private static partial Regex Pattern();

    // the shape of Zoho's client ids, codes and tokens, whatever word is in it: a fake one has hyphens (1000.fake-refresh-token)
    [GeneratedRegex(@"1000\.[A-Za-z0-9.]{20,}")]
    private static partial Regex ZohoToken();

    [GeneratedRegex(@"[`\s/#]+")]
    private static partial Regex Ornaments();

    [GeneratedRegex(" us, (?:eu), in,")]
    private static partial Regex ListOfPlaces();
}
