using System.Text;

namespace ZohoPlatform.Simulator.Crm.Coql;

internal enum TokenKind
{
    Word,
    Text,
    Number,
    Symbol,
    End,
}

/// <summary>A piece of a query and where it stands, counted from one.</summary>
internal sealed record CoqlToken(TokenKind Kind, string Text, int Line, int Column)
{
    public bool Is(string word) => Kind is TokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind is TokenKind.Symbol && Text == symbol;
}

/// <summary>Cuts a query into words, quoted texts (a quote inside is doubled), numbers and symbols.</summary>
internal static class CoqlLexer
{
    private static readonly string[] Pairs = ["!=", ">=", "<=", "<>"];

    public static List<CoqlToken> Cut(string query)
    {
        var tokens = new List<CoqlToken>();
        var at = 0;
        while (at < query.Length)
        {
            var start = at;
            var letter = query[at];
            if (char.IsWhiteSpace(letter))
            {
                at++;
            }
            else if (letter is '\'' or '"')
            {
                tokens.Add(Token(TokenKind.Text, Quoted(query, ref at), query, start));
            }
            else if (char.IsAsciiDigit(letter) || (letter is '-' && at + 1 < query.Length && char.IsAsciiDigit(query[at + 1])))
            {
                at++;
                while (at < query.Length && (char.IsAsciiDigit(query[at]) || query[at] is '.'))
                {
                    at++;
                }

                tokens.Add(Token(TokenKind.Number, query[start..at], query, start));
            }
            else if (char.IsAsciiLetter(letter) || letter is '_' or '$')
            {
                while (at < query.Length && (char.IsAsciiLetterOrDigit(query[at]) || query[at] is '_' or '$' or '.' or '#'))
                {
                    at++;
                }

                tokens.Add(Token(TokenKind.Word, query[start..at], query, start));
            }
            else
            {
                var symbol = at + 1 < query.Length && Pairs.Contains(query[at..(at + 2)], StringComparer.Ordinal)
                    ? query[at..(at + 2)]
                    : $"{letter}";
                if (symbol is not ("!=" or ">=" or "<=" or "=" or ">" or "<" or "(" or ")" or ","))
                {
                    throw CoqlErrors.Syntax(Token(TokenKind.Symbol, symbol, query, start));
                }

                at += symbol.Length;
                tokens.Add(Token(TokenKind.Symbol, symbol, query, start));
            }
        }

        tokens.Add(Token(TokenKind.End, "", query, query.Length));
        return tokens;
    }

    private static string Quoted(string query, ref int at)
    {
        var start = at;
        var quote = query[at++];
        var text = new StringBuilder();
        while (at < query.Length)
        {
            var letter = query[at++];
            if (letter == quote)
            {
                if (at >= query.Length || query[at] != quote)
                {
                    return text.ToString();
                }

                at++;
            }
            else if (letter is '\\' || char.IsControl(letter))
            {
                throw CoqlErrors.Syntax(Token(TokenKind.Text, $"{letter}", query, at - 1));
            }

            text.Append(letter);
        }

        throw CoqlErrors.Syntax(Token(TokenKind.Text, query[start..], query, start));
    }

    private static CoqlToken Token(TokenKind kind, string text, string query, int start)
    {
        var before = query[..start];
        return new(kind, text, before.Count(letter => letter is '\n') + 1, start - before.LastIndexOf('\n'));
    }
}
